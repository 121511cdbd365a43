import { access } from 'node:fs'

const THREADS = '16'

/**
 * Have more threads than four for calls that may block. Each file on a file system that hangs keeps one, and then whatever
 * else goes through the pool (other files, looking up host names) waits. To be called before anything does; a size that is
 * set in the environment counts.
 */
export function widenThreadPool(): void {
  if (process.env['UV_THREADPOOL_SIZE'] !== undefined) return
  process.env['UV_THREADPOOL_SIZE'] = THREADS
  // The first use makes them, before this returns. Programs that are started should not have the variable.
  access('/', () => {})
  delete process.env['UV_THREADPOOL_SIZE']
}
