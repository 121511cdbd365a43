/** What `fn` gives, or a rejection when that takes longer than `ms` milliseconds. Nothing stops `fn` itself. */
export async function within<T>(ms: number, fn: () => T | Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no end after ${ms / 1000} s; passed over`)), ms)
  try {
    return await Promise.race([fn(), late])
  } finally {
    clearTimeout(timer)
  }
}
