# SPDX-License-Identifier: Apache-2.0
"""What ``awscli-mfa completion`` prints: a shell's completion.

The completer of the AWS CLI v2 reads an index of AWS's own commands and
loads no plugin. So the shell is told of ``aws mfa``, and asks the CLI's own
completer about everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SHELLS = ('bash', 'fish', 'zsh')

# The subcommands of "aws mfa" and their options, without those of every
# "aws" command. They stand here because this program may have no botocore,
# which the commands need: tests/unit/host/test_shell_completion.py compares.
AWS_MFA: Mapping[str, Sequence[str]] = {
    'login': (
        'serial-number',
        'token-code',
        'no-mfa-process',
        'wait',
        'duration-seconds',
        'role-arn',
        'role-session-name',
        'external-id',
        'force',
        'write-credentials',
        'long-term-suffix',
        'short-term-suffix',
        'setup',
        'log-level',
        'device',
        'duration',
        'token',
        'mfa-token',
        'assume-role',
        'assume',
        'long-suffix',
        'short-suffix',
    ),
    'status': ('short', 'wait'),
    'logout': ('all',),
    'exec': (),
    'export-credentials': ('format',),
    'configure-sdk': ('apply',),
    'import-aws-mfa': ('apply',),
    'list-devices': (),
    'enroll': ('device-name', 'qr-file', 'show-secret', 'seed-process'),
    'resync': ('serial-number',),
    'remove-device': ('serial-number',),
    'doctor': (),
}
_GLOBAL = ('profile', 'region', 'output', 'endpoint-url', 'debug')

# Profiles, one a line, as the config files name them. A shell that completes
# should not wait for a Python.
_PROFILES = r"""
_awscli_mfa_profiles() {
    {
        sed -n -e 's/^\[ *profile  *\(.*[^ ]\) *\].*/\1/p' \
            -e 's/^\[ *\(default\) *\].*/\1/p' \
            "${AWS_CONFIG_FILE:-$HOME/.aws/config}"
        sed -n 's/^\[ *\(.*[^ ]\) *\].*/\1/p' \
            "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}"
    } 2>/dev/null | tr -d "\"'" | sort -u
}
"""

# $1 is "aws" or "awscli-mfa", $2 the subcommand or nothing, $3 the word
# before the one that is completed.
_CANDIDATES = """
_awscli_mfa_candidates() {
    if [ "$3" = --profile ]; then
        _awscli_mfa_profiles
        return
    fi
    case "$1 $2" in
@CASES@
    esac
}
"""

_BASH = r"""
_awscli_mfa_reply() {
    local number=$2 word
    local subcommand=
    ((COMP_CWORD > number)) && subcommand=${COMP_WORDS[number]}
    COMPREPLY=()
    while IFS= read -r word; do
        [[ $word = "${COMP_WORDS[COMP_CWORD]}"* ]] &&
            COMPREPLY+=("$(printf %q "$word")")
    done < <(_awscli_mfa_candidates "$1" "$subcommand" \
        "${COMP_WORDS[COMP_CWORD - 1]}")
}
_awscli_mfa() {
    _awscli_mfa_reply awscli-mfa 1
}
complete -o default -F _awscli_mfa awscli-mfa

# Everything but "aws mfa" is the CLI's own completer's.
_awscli_mfa_aws() {
    local word
    if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} = mfa ]]; then
        _awscli_mfa_reply aws 2
        return
    fi
    COMPREPLY=()
    while IFS= read -r word; do
        [[ $word ]] && COMPREPLY+=("$word")
    done < <(COMP_LINE=$COMP_LINE COMP_POINT=$COMP_POINT \
        "$_awscli_mfa_completer" "$@" 2>/dev/null)
    # That of v1 knows it.
    if ((COMP_CWORD == 1)) && [[ mfa = "$2"* && " ${COMPREPLY[*]} " != \
        *' mfa '* ]]; then
        COMPREPLY+=(mfa)
    fi
}
case $(complete -p aws 2>/dev/null) in
*_awscli_mfa_aws*) ;;
'' | *' -C '*)
    _awscli_mfa_completer=$(complete -p aws 2>/dev/null |
        sed -n "s/.* -C '*\([^' ]*\).*/\1/p")
    : "${_awscli_mfa_completer:=aws_completer}"
    complete -F _awscli_mfa_aws aws
    ;;
esac
"""

_ZSH = r"""
(($+functions[compdef])) || { autoload -Uz compinit && compinit }

_awscli_mfa_reply() {
    local subcommand=
    ((CURRENT > $2 + 1)) && subcommand=${words[$2+1]}
    local -a found
    found=(${(f)"$(_awscli_mfa_candidates "$1" "$subcommand" \
        "${words[CURRENT-1]}")"})
    if (($#found)); then
        compadd -- $found
    else
        _default
    fi
}
_awscli_mfa() {
    _awscli_mfa_reply awscli-mfa 1
}
compdef _awscli_mfa awscli-mfa

# Everything but "aws mfa" is what it was before.
_awscli_mfa_aws() {
    if ((CURRENT > 2)) && [[ $words[2] = mfa ]]; then
        _awscli_mfa_reply aws 2
        return
    fi
    local code=1
    ((CURRENT == 2)) && compadd mfa && code=0
    if [[ -n $_awscli_mfa_before ]]; then
        eval $_awscli_mfa_before && code=0
    elif (($+commands[aws_completer])); then
        local -a found
        found=(${(f)"$(COMP_LINE="${(j: :)words[1,CURRENT]}" \
            COMP_POINT=${#${(j: :)words[1,CURRENT]}} \
            aws_completer 2>/dev/null)"})
        compadd -- ${found%% #} && code=0
    fi
    return code
}
if [[ $_comps[aws] != _awscli_mfa_aws ]]; then
    _awscli_mfa_before=$_comps[aws]
    compdef _awscli_mfa_aws aws
fi
"""

_FISH_PROFILES = r"""
function __awscli_mfa_profiles
    set -l config $AWS_CONFIG_FILE ~/.aws/config
    set -l credentials $AWS_SHARED_CREDENTIALS_FILE ~/.aws/credentials
    begin
        sed -n -e 's/^\[ *profile  *\(.*[^ ]\) *\].*/\1/p' \
            -e 's/^\[ *\(default\) *\].*/\1/p' $config[1]
        sed -n 's/^\[ *\(.*[^ ]\) *\].*/\1/p' $credentials[1]
    end 2>/dev/null | tr -d "\"'" | sort -u
end

# Whether the words before the cursor are these, and more with a "-".
function __awscli_mfa_at
    set -l before (commandline -opc)
    set -e before[1]
    if test "$argv[1]" = -
        set -e argv[1]
        test (count $before) -ge (count $argv)
        and set before $before[1..(count $argv)]
        and test "$before" = "$argv"
    else
        test "$before" = "$argv"
    end
end

"""


def script(shell: str, own_commands: Mapping[str, Sequence[str]]) -> str:
    """Return a script that a shell reads at its start.

    :param shell: One of ``SHELLS``.
    :param own_commands: The subcommands of ``awscli-mfa`` and their options.
    """
    programs = {
        'aws': {
            name: (*options, *_GLOBAL) for name, options in AWS_MFA.items()
        },
        'awscli-mfa': own_commands,
    }
    head = f'# Printed by "awscli-mfa completion {shell}".\n'
    if shell == 'fish':
        return head + _FISH_PROFILES + _fish_lines(programs)
    cases = '\n'.join(
        f"    '{program} {name}') printf '%s\\n' {' '.join(words)} ;;"
        for program, commands in programs.items()
        for name, words in (
            ('', list(commands)),
            *(
                (name, [f'--{option}' for option in options])
                for name, options in commands.items()
            ),
        )
        if words
    )
    shared = _PROFILES + _CANDIDATES.replace('@CASES@', cases)
    return head + shared + (_BASH if shell == 'bash' else _ZSH)


def _fish_lines(
    programs: Mapping[str, Mapping[str, Sequence[str]]],
) -> str:
    """Return the lines for fish, which adds them to those of others."""
    lines = ["complete -c aws -n '__awscli_mfa_at' -a mfa"]
    for program, commands in programs.items():
        path = 'mfa' if program == 'aws' else ''
        lines.append(
            f"complete -c {program} -f -n '__awscli_mfa_at {path}' "
            f"-a '{' '.join(commands)}'"
        )
        for name, options in commands.items():
            place = f'__awscli_mfa_at - {path} {name}'
            for option in options:
                values = (
                    " -x -a '(__awscli_mfa_profiles)'"
                    if option == 'profile'
                    else ''
                )
                lines.append(
                    f"complete -c {program} -n '{place}' -l {option}{values}"
                )
    return '\n'.join(lines) + '\n'
