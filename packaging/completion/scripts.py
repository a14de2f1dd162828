"""The completion scripts for bash and ksh93, made from drboot's own argument parser.

python packaging/completion/scripts.py DIR writes drboot.bash and drboot.ksh93 there.

Both hold the same function, which says what may stand behind the words that are there; only what connects it to the
shell differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Dict, List, Set, Tuple

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:  # called as a part of packaging/, which is what is on the path then
    sys.path.insert(0, str(REPOSITORY))

from drboot import cli, paths  # noqa: E402

# What the value of a flag or an argument is, by how --help names it; any other is typed.
SITES = ("SITE", "HOME")
DIRECTORIES = ("DIR", "FILE")
RUNS = ("run",)

_WORDS = """\
# What may stand behind these words of a command line of drboot, a line each; / for a file name.
function _drboot_words {{
    typeset verb='' previous='' word name words=''
    for word in "$@"; do
        case $previous in
        {valued}) ;;
        *)
            case $word in
            -*) ;;
            *) if [ -z "$verb" ]; then verb=$word; fi ;;
            esac
            ;;
        esac
        previous=$word
    done
    case $previous in
    {sites})
        _drboot_sites
        return
        ;;
    {directories})
        echo /
        return
        ;;
    {typed}) return ;;
    esac
    case $verb in
    '') words='{top}' ;;
{verbs}
    *) words='' ;;
    esac
    for name in $words; do echo "$name"; done
    case $verb in
    {with_runs}) _drboot_runs ;;
    {with_files}) echo / ;;
    esac
}}

function _drboot_sites {{
    typeset file
    for file in {root}{site_files}/*.yaml; do
        if [ -f "$file" ]; then
            file=${{file##*/}}
            echo "${{file%.yaml}}"
        fi
    done
}}

function _drboot_runs {{
    ls -r {root}{runs} 2>/dev/null
}}
"""

_BASH = """\
# Completion of drboot for bash: . /opt/drboot/completion/drboot.bash, in .bashrc
{words}
function _drboot {{
    typeset current=${{COMP_WORDS[COMP_CWORD]}} line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        /) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$current")) ;;
        "$current"*) COMPREPLY+=("$line") ;;
        esac
    done < <(_drboot_words "${{COMP_WORDS[@]:1:COMP_CWORD-1}}")
}}
complete -F _drboot drboot
"""

_KSH93 = """\
# Completion of drboot for ksh93: . /opt/drboot/completion/drboot.ksh93, in the file that ENV names
# Source: the KEYBD trap of ksh93's manual page: the characters in .sh.edchar are taken as typed.
{words}
# On Tab behind a command line of drboot: the rest of the word, as far as it is clear; otherwise what there is.
function _drboot_key {{
    typeset line current common candidate found='' count=0
    typeset -a all
    if [[ ${{.sh.edchar}} != $'\\t' ]]; then return; fi
    line=${{.sh.edtext:0:${{.sh.edcol}}}}
    if [[ $line != @(drboot|*/drboot)' '* || $line == *[\\'\\"\\`\\$\\;\\|\\&]* ]]; then return; fi
    set -o noglob
    set -- $line
    set +o noglob
    shift
    current=''
    if [[ $line != *' ' ]]; then
        current=${{@: -1}}
        set -- "${{@:1:$#-1}}"
    fi
    for candidate in $(_drboot_words "$@"); do
        if [[ $candidate == / ]]; then return; fi
        if [[ $candidate == "$current"* ]]; then
            all[count]=$candidate
            ((count += 1))
        fi
    done
    if ((count == 0)); then
        .sh.edchar=''
        return
    fi
    common=${{all[0]}}
    for candidate in "${{all[@]}}"; do
        while [[ $candidate != "$common"* ]]; do common=${{common%?}}; done
    done
    if ((count == 1)); then
        .sh.edchar="${{common#"$current"}} "
    elif [[ $common != "$current" ]]; then
        .sh.edchar=${{common#"$current"}}
    else
        print -u2
        print -u2 -r -- "${{all[@]}}"
        if [[ -n ${{.sh.edmode}} ]]; then # vi shows a line again in its control mode only, and would stay there
            print -u2 -n -r -- "$line"
            .sh.edchar=''
        else
            .sh.edchar=$'\\f'
        fi
    fi
}}
trap _drboot_key KEYBD
"""


def bash(root: str = "") -> str:
    return _BASH.format(words=_words(root))


def ksh93(root: str = "") -> str:
    return _KSH93.format(words=_words(root))


def write(directory: Path) -> Tuple[Path, ...]:
    directory.mkdir(parents=True, exist_ok=True)
    made = ((directory / "drboot.bash", bash()), (directory / "drboot.ksh93", ksh93()))
    for path, text in made:
        path.write_text(text, encoding="ascii")
    return tuple(path for path, _ in made)


def _words(root: str) -> str:
    parser = cli.parser()
    verbs = _verbs(parser)
    values: Dict[str, Set[str]] = {"sites": set(), "directories": set(), "typed": set()}
    for each in (parser, *verbs.values()):
        for action in each._actions:
            if action.option_strings and action.nargs != 0 and action.nargs != "?":
                values[_kind(str(action.metavar))].update(action.option_strings)
    lines = [f"    {name}) words='{' '.join(_flags(verb))}' ;;" for name, verb in verbs.items()]
    return _WORDS.format(
        valued=_case(*(flag for flags in values.values() for flag in flags)),
        sites=_case(*values["sites"]),
        directories=_case(*values["directories"]),
        typed=_case(*values["typed"]),
        top=" ".join([*verbs, *_flags(parser)]),
        verbs="\n".join(lines),
        with_runs=_case(*_with(verbs, RUNS)),
        with_files=_case(*_with(verbs, ("directory",))),
        site_files=paths.SITES,
        runs=paths.RUNS,
        root=root,
    )


def _verbs(parser: argparse.ArgumentParser) -> Dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _flags(parser: argparse.ArgumentParser) -> List[str]:
    return [name for action in parser._actions for name in action.option_strings if name.startswith("--")]


def _kind(metavar: str) -> str:
    return "sites" if metavar in SITES else "directories" if metavar in DIRECTORIES else "typed"


def _with(verbs: Dict[str, argparse.ArgumentParser], names: Tuple[str, ...]) -> List[str]:
    """The verbs that take an argument of one of these names."""
    return [
        name
        for name, verb in verbs.items()
        if any(not action.option_strings and action.dest in names for action in verb._actions)
    ]


def _case(*words: str) -> str:
    return " | ".join(sorted(words))


def main() -> int:
    for path in write(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
