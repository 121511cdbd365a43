/**
 * What each shell has to run to complete `circusctl` and `circusd`. The words go to `circusctl __complete` (`answer.ts`),
 * to the one beside the program that is being completed.
 */
export const scripts = {
  bash: `_circusctl() {
  local candidate control=\${1%circusctl}
  control=\${control%circusd}circusctl
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ $candidate == $'\\tfiles' ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    COMPREPLY+=("$candidate")
  done < <("$control" __complete bash "\${1##*/}" "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
}
complete -F _circusctl circusctl circusd
`,
  zsh: `#compdef circusctl circusd
_circusctl() {
  local program=\${(Q)words[1]} line
  local control=\${\${program%circusctl}%circusd}circusctl
  local -a candidates
  for line in "\${(@f)$("$control" __complete zsh "\${program:t}" -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}"; do
    case $line in
      '') ;;
      $'\\tfiles') _files; return ;;
      *$'\\t'*) candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      *) candidates+=("\${line//:/\\\\:}") ;;
    esac
  done
  _describe -t circusctl circusctl candidates
}
if [[ $funcstack[1] == _circusctl ]]; then
  _circusctl "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _circusctl circusctl circusd
fi
`,
  fish: `function __circusctl_complete
    set -l words (commandline -opc)
    set -l program (string match -r '[^/]*$' -- $words[1])
    set -l control (string replace -r '(circusctl|circusd)$' circusctl -- $words[1])
    set -e words[1]
    set -l answer (command $control __complete fish $program -- $words (commandline -ct) 2>/dev/null </dev/null)
    if test "$answer" = \\t'files'
        __fish_complete_path (commandline -ct)
    else if set -q answer[1]
        printf '%s\\n' $answer
    end
end
for program in circusctl circusd
    complete -c $program -e
    complete -c $program -f -a '(__circusctl_complete)'
end
`,
} as const
