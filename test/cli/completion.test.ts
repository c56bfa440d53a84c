// Completion: what each shell really offers, with the script that the table of commands makes for it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { requireProgram } from '../support/debian.ts'
import { runShell } from '../support/shell.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-completion-'))
  await writeFile(join(folder, 'users.ndjson'), '')
})
after(() => rm(folder, { recursive: true, force: true }))

/** A line, up to the cursor, with some of what is offered, and some of what is not. */
const cases: [string, string[], string[]][] = [
  ['postern ', ['dev', 'serve', 'admin', 'import', 'keys', 'completion'], ['users', '--config']],
  ['postern adm', ['admin'], ['dev']],
  ['postern admin users ', ['list', 'ban', 'confirm'], ['sessions', 'users']],
  ['postern --config postern.env keys ro', ['rotate'], ['generate']],
  ['postern admin users ban a@example.com --', ['--for', '--reason', '--json', '--help'], ['--soft', '--email']],
  ['postern admin users list --format ', ['table', 'json', 'csv'], ['users.ndjson']],
  ['postern admin link ', ['signup', 'recovery'], ['list']],
  ['postern keys rotate --step b', ['back'], ['add']],
  ['postern import ', ['users.ndjson'], ['dev']],
  ['postern serve --config us', ['users.ndjson'], ['dev']],
  ['postern completion ', ['bash', 'zsh', 'fish'], []],
]

const words = (line: string) =>
  line
    .split(' ')
    .map((word) => `'${word}'`)
    .join(' ')

/** How to ask a shell that has read the script. */
const shells: Record<string, (script: string, line: string) => [string, string[]]> = {
  bash: (script, line) => [
    'bash',
    [
      '-c',
      `source ${script}; COMP_WORDS=(${words(line)}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _postern; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
  ],
  zsh: (script, line) => [
    'zsh',
    [
      '-fc',
      `autoload -Uz compinit; compinit -C -u -d zcompdump; source ${script}
       ask() { emulate -L sh; setopt kshglob noshglob braceexpand; local -a COMP_WORDS COMPREPLY; COMP_WORDS=(${words(line)}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _postern; printf '%s\\n' "\${COMPREPLY[@]}"; }
       ask`,
    ],
  ],
  fish: (script, line) => ['fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`]],
}

for (const [shell, ask] of Object.entries(shells))
  describe(shell, () => {
    test('offers commands, options, their values and files where they stand', async (t) => {
      const reason = requireProgram(shell)
      if (reason !== null) return t.skip(reason)
      const script = join(folder, `postern.${shell}`)
      await writeFile(script, (await runShell(`completion ${shell}`, {})).stdout)
      for (const [line, offered, others] of cases) {
        const [program, args] = ask(script, line)
        const out = execFileSync(program, args, {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, HOME: folder },
        })
        const found = out.split('\n').map((entry) => entry.split('\t')[0]?.trim())
        for (const word of offered) assert.ok(found.includes(word), `${shell}: ${line}${word} in ${found.join(' ')}`)
        // In zsh the line editor leaves away what does not go on with what was typed.
        const typed = shell === 'zsh' ? (line.split(' ').at(-1) ?? '') : ''
        for (const word of others.filter((other) => other.startsWith(typed)))
          assert.ok(!found.includes(word), `${shell}: ${line} offers ${word}`)
      }
    })
  })
