# SPDX-License-Identifier: Apache-2.0
# release/build.py fills in the version and the checksum.
class AwscliMfaPlugin < Formula
  desc "MFA sessions for native AWS CLI commands: one command, one code"
  homepage "https://github.com/awscli-mfa-plugin/awscli-mfa-plugin"
  url "https://github.com/awscli-mfa-plugin/awscli-mfa-plugin/releases/download/v@VERSION@/awscli-mfa.pyz"
  version "@VERSION@"
  sha256 "@SHA256@"
  license "Apache-2.0"

  depends_on "python@3.14"

  def install
    libexec.install "awscli-mfa.pyz"
    (bin/"awscli-mfa").write <<~SH
      #!/bin/sh
      exec "#{Formula["python@3.14"].opt_bin}/python3.14" "#{libexec}/awscli-mfa.pyz" "$@"
    SH
  end

  def caveats
    <<~EOS
      Let your AWS CLI load the plugin:
        awscli-mfa enable
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/awscli-mfa --version")
  end
end
