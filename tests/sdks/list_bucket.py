# SPDX-License-Identifier: Apache-2.0
"""List a bucket under a profile with boto3, without the plugin."""

import sys

import boto3

profile, bucket = sys.argv[1:]
client = boto3.Session(profile_name=profile).client('s3')
for found in client.list_objects_v2(Bucket=bucket)['Contents']:
    print(found['Key'])
