/** Anything JSON can hold. */
type Json = unknown

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A JSON Merge Patch (RFC 7396) applied: what did not change stays the very same object, so that whoever shows a part of it
 * sees by identity that there is nothing to do. `target` is never changed.
 */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch
  const before = isObject(target) ? target : {}
  let after: Record<string, Json> | undefined = isObject(target) ? undefined : {}
  for (const key of Object.keys(patch)) {
    const had = Object.hasOwn(before, key)
    const change = patch[key]
    if (change === null) {
      if (!had) continue
      after ??= copy(before)
      delete after[key]
      continue
    }
    const old = had ? before[key] : undefined
    const value = mergePatch(old, change)
    if (had && value === old) continue
    after ??= copy(before)
    put(after, key, value)
  }
  return after ?? before
}

// A watcher may be called `__proto__`: an assignment would set the prototype.
function put(object: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

const copy = (object: Record<string, Json>): Record<string, Json> => ({ ...object })
