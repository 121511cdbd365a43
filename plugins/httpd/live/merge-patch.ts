/** A JSON object without null. */
export type Tree = { readonly [name: string]: unknown }

/**
 * What turns `before` into `after` (JSON Merge Patch, RFC 7396), or `undefined` when they are the same. Neither may hold
 * null; `undefined` is as good as absent.
 */
export function mergePatch(before: Tree, after: Tree): Tree | undefined {
  // A watcher may be called `__proto__` or `constructor`: neither is to be looked up, or put, in what objects inherit.
  const patch = new Map<string, unknown>()
  for (const [name, value] of Object.entries(after)) {
    const old = own(before, name)
    if (value === undefined || value === old) continue
    if (isTree(value) && isTree(old)) {
      const inner = mergePatch(old, value)
      if (inner) patch.set(name, inner)
    } else if (!isTree(value) && isTree(old)) patch.set(name, value)
    else if (!(Array.isArray(value) && Array.isArray(old) && isSameList(value, old))) patch.set(name, value)
  }
  for (const [name, old] of Object.entries(before))
    if (old !== undefined && own(after, name) === undefined) patch.set(name, null)
  return patch.size > 0 ? Object.fromEntries(patch) : undefined
}

const own = (tree: Tree, name: string): unknown => (Object.hasOwn(tree, name) ? tree[name] : undefined)

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

const isSameList = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((item, at) => item === b[at])
