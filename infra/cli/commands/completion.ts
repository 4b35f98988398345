import { Argument, Command } from 'commander'

/** `oort completion bash|zsh`: prints the script that completes commands and options in a shell. */
export function completion(program: () => Command): Command {
  const shells = new Argument('<shell>').choices(Object.keys(scripts))
  return new Command('completion')
    .summary('completion for a shell')
    .description('Prints a script to source, such as with: source <(oort completion bash)')
    .addArgument(shells)
    .option('--json', 'print the words by command instead')
    .action((shell: keyof typeof scripts, { json }: { readonly json?: true }) => {
      const words = [...wordsOf(program(), '')]
      process.stdout.write(json === true ? `${JSON.stringify(Object.fromEntries(words))}\n` : scripts[shell](words))
    })
}

type Words = readonly (readonly [typed: string, next: readonly string[]])[]

/** What can follow each sequence of commands. */
function* wordsOf(command: Command, typed: string): Generator<readonly [string, readonly string[]]> {
  const { commands, options } = command
  yield [typed, [...commands.map((each) => each.name()), ...options.map(({ long }) => long ?? ''), '--help']]
  for (const each of commands) yield* wordsOf(each, `${typed} ${each.name()}`.trim())
}

const cases = (words: Words, complete: (next: string) => string): string =>
  words
    .toReversed()
    .map(([typed, next]) => `    '${typed}'*) ${complete(next.join(' '))} ;;`)
    .join('\n')

const scripts = {
  bash: (words: Words) => `_oort() {
  local typed="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  case $typed in
${cases(words, (next) => `COMPREPLY=($(compgen -W '${next}' -- "\${COMP_WORDS[COMP_CWORD]}"))`)}
  esac
}
complete -o default -F _oort oort
`,
  zsh: (words: Words) => `#compdef oort
_oort() {
  local typed="\${(j: :)words[2,CURRENT-1]}"
  case $typed in
${cases(words, (next) => `compadd -- ${next}`)}
  esac
}
compdef _oort oort
`,
} as const
