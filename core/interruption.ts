import { KernelError, reasonOf } from './errors.ts'
import type { Interruption } from './work-queue.ts'

/** Why a watcher did not get its processes, as an error: cut short by `signal`, or failed of `error`. */
export function startError(watcher: string, error: unknown, signal?: AbortSignal): KernelError {
  if (signal?.aborted) return new KernelError('ERR_START_ABORTED', [watcher, (signal.reason as Interruption).by])
  if (error instanceof KernelError) return error
  return new KernelError('ERR_START_FAILED', [watcher, reasonOf(error)], { cause: error })
}

/** What `promise` gives, unless the work is interrupted before: then `ERR_START_ABORTED`. */
export async function orAbort<T>(watcher: string, promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(startError(watcher, undefined, signal))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
