/** A JSON object without null. */
export type Tree = { readonly [name: string]: unknown }

/**
 * What turns `before` into `after` (JSON Merge Patch, RFC 7396), or `undefined` when they are the same. Neither may hold
 * null; `undefined` is as good as absent.
 */
export function mergePatch(before: Tree, after: Tree): Tree | undefined {
  const patch: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(after)) {
    const old = before[name]
    if (value === undefined || value === old) continue
    if (isTree(value) && isTree(old)) {
      const inner = mergePatch(old, value)
      if (inner) patch[name] = inner
    } else if (!isTree(value) && isTree(old)) patch[name] = value
    else if (!(Array.isArray(value) && Array.isArray(old) && isSameList(value, old))) patch[name] = value
  }
  for (const [name, old] of Object.entries(before))
    if (old !== undefined && after[name] === undefined) patch[name] = null
  return Object.keys(patch).length > 0 ? patch : undefined
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

const isSameList = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((item, at) => item === b[at])
