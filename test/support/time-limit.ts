// Preloaded into every test process: a file that does not end, such as one that leaves a server open, fails with its name.
import { isMainThread } from 'node:worker_threads'

const limit_min = Number(process.env.POSTERN_TEST_LIMIT_MIN ?? 0)

// The runner itself has the files of all in its arguments, and none of its own.
if (limit_min > 0 && isMainThread && process.env.NODE_TEST_CONTEXT?.startsWith('child')) {
  const giveUp = () => {
    const open = process.getActiveResourcesInfo().join(', ')
    console.error(`${process.argv[1]} did not end within ${limit_min} minutes; open are: ${open}`)
    process.exit(1)
  }
  setTimeout(giveUp, limit_min * 60_000).unref()
}
