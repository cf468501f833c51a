#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the manual pages of all commands, of constraint-runner-database and of the configuration file,
from what the programs and the example of a configuration say themselves.

usage: manual.py RUNNER DATABASE_SCRIPT EXAMPLE VERSION MAN1_FOLDER MAN5_FOLDER"""
import json
import pathlib
import re
import shutil
import subprocess
import sys


def text(words):
    """As roff, one paragraph."""
    out = words.replace('\\', '\\e').replace('-', '\\-')
    return '\n'.join('\\&' + line if line[:1] in ("'", '.') else line for line in out.split('\n'))


def preformatted(words):
    return f'.nf\n{text(words)}\n.fi\n'


def table_of(runner):
    done = subprocess.run([runner, '--help-json'], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def commands(table):
    """The program and all its commands, each before those below it."""
    yield table
    for below in table['commands']:
        yield from commands(below)


def page_name(command):
    return command['name'].replace(' ', '-')


def synopsis(command):
    words = [f'.B {text(command["name"])}', '.RI [ options ]']
    if command['commands']:
        words.append('.I command')
    for argument in command['arguments']:
        name = text(argument['name']) + ('…' if argument['many'] else '')
        words.append(f'.I {name}' if argument['required'] else f'.RI [ {name} ]')
    return '\n'.join(words) + '\n'


def option_lines(options):
    for option in options:
        names = ', '.join(f'\\fB{text(name)}\\fR' for name in option['names'])
        value = f' \\fI{text(option["value"])}\\fR' if option['value'] else ''
        yield f'.TP\n{names}{value}\n{text(option["help"])}\n'


def head(name, section, version):
    return f'.TH {text(name.upper())} {section} "" "constraint\\-runner {version}" "Constraint Runner"\n'


def sentence(words):
    return words[:1].lower() + words[1:].rstrip('.')


def page(command, top, version):
    out = head(page_name(command), 1, version)
    out += f'.SH NAME\n{text(page_name(command))} \\- {text(sentence(command["about"]))}\n'
    out += f'.SH SYNOPSIS\n{synopsis(command)}.SH DESCRIPTION\n{text(command["about"].rstrip("."))}.\n'
    if command['commands']:
        out += '.SH COMMANDS\n'
        for below in command['commands']:
            out += f'.TP\n.BR {text(page_name(below))} (1)\n{text(below["about"].rstrip("."))}.\n'
    if command['arguments']:
        out += '.SH ARGUMENTS\n'
        for argument in command['arguments']:
            out += f'.TP\n.I {text(argument["name"])}\n{text(argument["help"])}\n'
    out += '.SH OPTIONS\n' + ''.join(option_lines(command['options']))
    if command is not top:
        out += '.P\nThe options of\n.BR constraint\\-runner (1)\nare taken too.\n'
    out += '.SH EXIT STATUS\n'
    for code, meaning in top['exit_codes'].items():
        out += f'.TP\n.B {code}\n{text(meaning)}\n'
    if command['examples']:
        out += '.SH EXAMPLES\n' + preformatted('\n'.join(command['examples']))
    if command is top:
        out += ('.SH FILES\n.TP\n.I /etc/constraint\\-runner/constraint\\-runner.toml\n'
                'The configuration; see\n.BR constraint\\-runner.toml (5).\n')
    others = ['constraint-runner.toml (5)', 'constraint-runner-database (1)']
    if command is not top:
        others.insert(0, 'constraint-runner (1)')
    return out + '.SH SEE ALSO\n' + ',\n'.join(f'.BR {text(other)}' for other in others) + '\n'


def database_page(script, version):
    help_text = subprocess.run([script, '--help'], check=True, stdout=subprocess.PIPE,
                               text=True).stdout
    about, usage = help_text.split('\nusage: ', 1)
    usage, options = usage.split('\n\n', 1)
    usage = '\n'.join(line.strip() for line in usage.splitlines())
    return (head('constraint-runner-database', 1, version) +
            '.SH NAME\nconstraint\\-runner\\-database \\- makes role, database and tables of '
            f'constraint\\-runner\n.SH SYNOPSIS\n{preformatted(usage)}'
            f'.SH DESCRIPTION\n{text(about)}\n.SH OPTIONS\n{preformatted(options.rstrip())}'
            '.SH SEE ALSO\n.BR constraint\\-runner\\-migrate (1)\n')


def settings_page(example, version):
    """Of the example: comments are what a table or key is for; keys are commented out."""
    out = head('constraint-runner.toml', 5, version)
    out += ('.SH NAME\nconstraint\\-runner.toml \\- configuration of constraint\\-runner\n'
            '.SH DESCRIPTION\nA TOML file. Each setting can also be given in the environment '
            '(\n.B CONSTRAINT_RUNNER_SERVER_SOCKET\nis\n.BR server.socket )\nand with\n.BR \\-\\-set .\n'
            'Below, each setting has its default.\n')
    comment = []
    for line in example.splitlines()[3:]:  # after the head of the file
        if found := re.fullmatch(r'#?\[(.+)\]', line):
            out += f'.SH [{text(found[1])}]\n{text(" ".join(comment))}\n'
            comment = []
        elif found := re.fullmatch(r'#(\w+) = (.*)', line):
            out += f'.TP\n\\fB{text(found[1])}\\fR = {text(found[2])}\n'
            out += text(' '.join(comment)) + '\n' if comment else '\\&\n'
            comment = []
        elif line.startswith('# '):
            comment.append(line[2:])
    return out + '.SH SEE ALSO\n.BR constraint\\-runner\\-config\\-check (1)\n'


def main(runner, script, example, version, man1, man5):
    pages = {}
    table = table_of(runner)
    for command in commands(table):
        pages[pathlib.Path(man1, page_name(command) + '.1')] = page(command, table, version)
    pages[pathlib.Path(man1, 'constraint-runner-database.1')] = database_page(script, version)
    pages[pathlib.Path(man5, 'constraint-runner.toml.5')] = settings_page(
        pathlib.Path(example).read_text(encoding='utf-8'), version)
    for folder in (man1, man5):  # again, which tells ninja that they are up to date
        shutil.rmtree(folder, ignore_errors=True)
        pathlib.Path(folder).mkdir(parents=True)
    for path, words in pages.items():
        path.write_text(words, encoding='utf-8')


if __name__ == '__main__':
    main(*sys.argv[1:])
