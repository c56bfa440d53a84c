// What work costs, counted in time of the processor: a wall clock also counts what else the machine does.

/** Milliseconds of the processor that work takes: `thread_ms` on the event loop, `process_ms` with its helpers. */
export async function cpuTime(work: () => unknown): Promise<{ thread_ms: number; process_ms: number }> {
  const thread = process.threadCpuUsage()
  const whole = process.cpuUsage()
  await work()
  const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000
  return { thread_ms: ms(process.threadCpuUsage(thread)), process_ms: ms(process.cpuUsage(whole)) }
}
