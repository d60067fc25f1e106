// SPDX-License-Identifier: Apache-2.0
// List a bucket under a profile with the AWS SDK for JavaScript v3.

const { defaultProvider } = require('@aws-sdk/credential-provider-node');
const { ListObjectsV2Command, S3Client } = require('@aws-sdk/client-s3');

const [profile, bucket] = process.argv.slice(2);

async function main() {
  const client = new S3Client({
    profile,
    credentials: defaultProvider({ profile }),
    forcePathStyle: true,
  });
  const command = new ListObjectsV2Command({ Bucket: bucket });
  for (const found of (await client.send(command)).Contents) {
    console.log(found.Key);
  }
}

main();
