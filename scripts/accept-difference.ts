// Writes steps that differ on purpose into test/conformance/differences.json.
//   node scripts/accept-difference.ts REPORT "suite/scenario" STEP[,STEP…] "the reason"
import { readFile, writeFile } from 'node:fs/promises'

const [reportFile = '', id = '', steps = '', reason = ''] = process.argv.slice(2)
const file = new URL('../test/conformance/differences.json', import.meta.url)
type Differences = Record<string, Record<string, { reason: string; expected: unknown }>>
const differences: Differences = JSON.parse(await readFile(file, 'utf8'))
const report: { id: string; faults: { step: number; got: unknown }[] }[] = JSON.parse(
  await readFile(reportFile, 'utf8'),
)
const scenario = report.find((entry) => entry.id === id)
if (!scenario || reason === '') throw new Error(`no scenario ${id} in the report, or no reason`)
for (const step of steps.split(',')) {
  const fault = scenario.faults.find((entry) => String(entry.step) === step)
  if (!fault) throw new Error(`step ${step} of ${id} does not differ`)
  differences[id] = { ...differences[id], [step]: { reason, expected: fault.got } }
}
const sorted = Object.fromEntries(Object.entries(differences).sort(([a], [b]) => (a < b ? -1 : 1)))
await writeFile(file, `${JSON.stringify(sorted, null, 1)}\n`)
