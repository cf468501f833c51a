#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the completions of bash, zsh and fish from the program's own list of commands and options.

usage: completions.py RUNNER BASH_FILE ZSH_FILE FISH_FILE"""
import pathlib
import sys

from manual import commands, table_of

FILES = {'FILE', 'FOLDER', 'DIR', 'PATH'}  # kinds of values that are completed as files


def path_of(command):
    return ' '.join(command['name'].split()[1:])


def last(command):
    return command['name'].split()[-1]


def quoted(words):
    return "'" + words.replace("'", "'\\''") + "'"


def options_of(command, table):
    """Its own, and those of all commands, which it takes too."""
    names = {name for option in command['options'] for name in option['names']}
    inherited = [] if command is table else [
        option for option in table['options']
        if not names & set(option['names']) and '--version' not in option['names']
        and '--help-json' not in option['names']]
    return command['options'] + inherited


def takes_files(command):
    return any(argument['name'] in FILES for argument in command['arguments'])


def bash(table):
    every = list(commands(table))
    paths = '|'.join(quoted(' ' + path_of(c)) for c in every if path_of(c))
    valued = sorted({n for c in every for o in c['options'] if o['value'] for n in o['names']})
    out = f'''# completion of constraint-runner for bash; generated
_constraint_runner() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} at= words= files= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i-1]}} in {'|'.join(valued)}) continue ;; esac
        case "$at ${{COMP_WORDS[i]}}" in {paths}) at="$at ${{COMP_WORDS[i]}}" ;; esac
    done
    case $at,$before in
'''
    for command in every:
        at = ' ' + path_of(command) if path_of(command) else ''
        for option in options_of(command, table):
            if not option['value']:
                continue
            pattern = '|'.join(quoted(f'{at},{name}') for name in option['names'])
            if option['choices']:
                then = f'words={quoted(" ".join(option["choices"]))}'
            else:
                then = 'files=1' if option['value'] in FILES else ':'
            out += f'    {pattern}) {then} ;;\n'
    out += '    *)\n        case $at in\n'
    for command in every:
        at = ' ' + path_of(command) if path_of(command) else ''
        words = [last(below) for below in command['commands']]
        words += [n for o in options_of(command, table) for n in o['names'] if n.startswith('--')]
        files = ' files=1' if takes_files(command) else ''
        out += f'        {quoted(at)}) words={quoted(" ".join(words))}{files} ;;\n'
    return out + '''        esac ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"; [ -z "$files" ] || compgen -f -- "$cur")
    [ -z "$files" ] || compopt -o filenames 2>/dev/null
}
complete -F _constraint_runner constraint-runner
'''


def zsh_text(words):
    return words.replace('[', '(').replace(']', ')').replace(':', ' -')


def zsh_specs(command, table):
    for option in options_of(command, table):
        value = ''
        if option['value']:
            kind = (f'({" ".join(option["choices"])})' if option['choices'] else
                    '_files' if option['value'] in FILES else ' ')
            value = f':{option["value"]}:{kind}'
        for name in option['names']:
            yield quoted(f'*{name}[{zsh_text(option["help"])}]{value}')


def zsh(table):
    out = '#compdef constraint-runner\n# generated\n'
    for command in commands(table):
        function = '_' + command['name'].replace(' ', '-')
        out += f'\n{function}() {{\n    _arguments -C \\\n'
        specs = list(zsh_specs(command, table))
        if command['commands']:
            specs += [quoted('1:command:->command'), quoted('*::argument:->argument')]
        elif command['arguments']:
            kind = '_files' if takes_files(command) else ' '
            specs.append(quoted(f'*:{command["arguments"][0]["name"]}:{kind}'))
        out += ' \\\n'.join(f'        {spec}' for spec in specs) + '\n'
        if command['commands']:
            described = ' '.join(quoted(f'{last(c)}:{c["about"]}') for c in command['commands'])
            out += (f'    case $state in\n    command)\n        local -a below=({described})\n'
                    '        _describe command below ;;\n'
                    f'    argument) (( $+functions[{function}-$words[1]] )) && '
                    f'{function}-$words[1] ;;\n    esac\n')
        out += '}\n'
    return out + '\n_constraint-runner "$@"\n'


def fish(table):
    every = list(commands(table))
    paths = ' '.join(quoted(path_of(c)) for c in every if path_of(c))
    out = f'''# completion of constraint-runner for fish; generated
function __constraint_runner_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$at $word")
        contains -- "$next" {paths}; and set at "$next"
    end
    test "$at" = "$argv[1]"
end
complete -c constraint-runner -f
'''
    for command in every:
        at = f'-n {quoted(f"__constraint_runner_at {quoted(path_of(command))}")}'.replace("'\\''", '"')
        for below in command['commands']:
            out += f'complete -c constraint-runner {at} -a {last(below)} -d {fish_text(below["about"])}\n'
        if takes_files(command):
            out += f'complete -c constraint-runner {at} -F\n'
        for option in options_of(command, table):
            names = ' '.join(f'-l {n[2:]}' if n.startswith('--') else f'-s {n[1:]}'
                             for n in option['names'])
            value = ''
            if option['value']:
                value = (f' -x -a {quoted(" ".join(option["choices"]))}' if option['choices'] else
                         ' -r -F' if option['value'] in FILES else ' -x')
            out += f'complete -c constraint-runner {at} {names}{value} -d {fish_text(option["help"])}\n'
    return out


def fish_text(words):
    return "'" + words.replace('\\', '\\\\').replace("'", "\\'") + "'"


def main(runner, bash_file, zsh_file, fish_file):
    table = table_of(runner)
    for path, words in ((bash_file, bash(table)), (zsh_file, zsh(table)), (fish_file, fish(table))):
        pathlib.Path(path).write_text(words, encoding='utf-8')


if __name__ == '__main__':
    main(*sys.argv[1:])
