// Completion for bash, zsh and fish, as scripts that are made from the table of commands.
import { type Command, command, type Option } from './command.ts'

/** Shells that have completions. */
const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

/** What may stand at a place: words, or files. */
interface Candidates {
  words: readonly string[]
  files: boolean
}

/** The table as a completion needs it. */
interface Places {
  /** Beginnings of names, and names. */
  names: string[]
  /** Options that take a value. */
  valued: string[]
  /** Options by command. */
  options: [name: string, options: [option: string, about: string][]][]
  /** Values by command and option. */
  values: [name: string, option: string, values: Candidates][]
  /** Words by name and by how many words follow it. */
  words: [name: string, count: number, words: Candidates][]
}

/** The command that prints the script of a shell, for the commands that it is given and itself. */
export function completionCommand(others: readonly Command[]): Command {
  const own: Command = command({
    name: 'completion',
    about: 'print the completions of a shell',
    words: [{ name: 'SHELL', about: 'which one', choices: shells }],
    examples: [
      ['postern completion bash', 'to be read by source <(postern completion bash), or kept in bash_completion.d'],
      ['postern completion zsh', 'to be read by source <(postern completion zsh), after compinit'],
      ['postern completion fish', 'to be kept in ~/.config/fish/completions/postern.fish'],
    ],
    async run({ words: [shell] }) {
      console.log(scripts[shell as Shell](placesOf([...others, own])))
      return 0
    },
  })
  return own
}

function placesOf(commands: readonly Command[]): Places {
  const parts = commands.map(({ name }) => name.split(' '))
  const names = [...new Set(parts.flatMap((words) => words.map((_, at) => words.slice(0, at + 1).join(' '))))]
  const following = (name: string) => {
    const begin = name === '' ? '' : `${name} `
    const rest = names.filter((longer) => longer.startsWith(begin)).map((longer) => longer.slice(begin.length))
    return rest.filter((word) => word !== '' && !word.includes(' '))
  }
  const groups = ['', ...names.filter((name) => following(name).length > 0)]
  const entries = commands.map(({ name, options }) => ({ name, options: Object.entries<Option>(options) }))
  return {
    names,
    valued: [
      ...new Set(
        entries.flatMap(({ options }) => options.flatMap(([name, { value }]) => (value ? [`--${name}`] : []))),
      ),
    ],
    options: entries.map(({ name, options }) => [
      name,
      [...options.map(([option, { about }]): [string, string] => [`--${option}`, about]), ['--help', 'explain this']],
    ]),
    values: entries.flatMap(({ name, options }) =>
      options.flatMap(([option, { choices = [], files = false }]): Places['values'] =>
        choices.length > 0 || files ? [[name, `--${option}`, { words: choices, files }]] : [],
      ),
    ),
    words: [
      ...groups.map((name): Places['words'][number] => [name, 0, { words: following(name), files: false }]),
      ...commands.flatMap(({ name, words }) =>
        words.flatMap(({ choices = [], files = false }, at): Places['words'] =>
          choices.length > 0 || files ? [[name, at, { words: choices, files }]] : [],
        ),
      ),
    ],
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function bashScript({ names, valued, options, values, words }: Places): string {
  const found = (pattern: string, { words: list, files }: Candidates) =>
    `      ${quoted(pattern)}) ${files ? 'files=1' : `words=${quoted(list.join(' '))}`} ;;`
  return `# Completion of postern for bash, made by: postern completion bash
_postern() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" option='' name='' count=0 words='' files='' i word
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ "$word" == '=' ]]; then continue; fi
    if [[ -n "$option" ]]; then option=''; continue; fi
    case "$word" in
      ${valued.join('|')}) option="$word"; continue ;;
      -*) continue ;;
    esac
    case "\${name:+$name }$word" in
      ${names.map(quoted).join('|')}) name="\${name:+$name }$word" ;;
      *) count=$((count + 1)) ;;
    esac
  done
  if [[ -n "$option" ]]; then
    case "$name $option" in
${values.map(([name, option, list]) => found(`${name} ${option}`, list)).join('\n')}
    esac
  elif [[ "$cur" == -* ]]; then
    case "$name" in
${options.map(([name, list]) => found(name, { words: list.map(([option]) => option), files: false })).join('\n')}
    esac
  else
    case "$name $count" in
${words.map(([name, count, list]) => found(`${name} ${count}`, list)).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -n "$files" ]]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -F _postern postern`
}

const zshScript = (places: Places): string => `autoload -Uz bashcompinit && bashcompinit
${bashScript(places)}`

function fishScript({ names, valued, options, values, words }: Places): string {
  const fish = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`
  const candidates = ({ words: list, files }: Candidates) => (files ? '-F' : `-f -a ${fish(list.join(' '))}`)
  const candidatesOf = (name: string, option: string) =>
    values.find(([at, with_value]) => at === name && with_value === option)?.[2] ?? { words: [], files: false }
  return `# Completion of postern for fish, made by: postern completion fish
function __postern_place
    set -l name
    set -l count 0
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${valued.join(' ')}
                set skip 1
            case '-*'
            case '*'
                switch (string join ' ' $name $word)
                    case ${names.map(fish).join(' ')}
                        set -a name $word
                    case '*'
                        set count (math $count + 1)
                end
        end
    end
    echo "$name/$count"
end
function __postern_is
    string match -q -- "$argv[1]/*" (__postern_place)
end
function __postern_at
    test (__postern_place) = "$argv[1]"
end
complete -c postern -f
${words.map(([name, count, list]) => `complete -c postern -n ${fish(`__postern_at "${name}/${count}"`)} ${candidates(list)}`).join('\n')}
${options
  .flatMap(([name, list]) =>
    list.map(([option, about]) => {
      const value = valued.includes(option) ? ` -r ${candidates(candidatesOf(name, option))}` : ''
      return `complete -c postern -n ${fish(`__postern_is "${name}"`)} -l ${option.slice(2)}${value} -d ${fish(about)}`
    }),
  )
  .join('\n')}`
}

const scripts: Record<Shell, (places: Places) => string> = { bash: bashScript, zsh: zshScript, fish: fishScript }
