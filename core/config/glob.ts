/**
 * A shell pattern as a regular expression over a whole name: `*`, `?`, `[abc]`, `[a-z]` and `[!a]`, nothing else special.
 * `flags` as of RegExp; patterns of `[env:…]` are case-sensitive, those of commands are not.
 */
export function globToRegExp(pattern: string, flags = ''): RegExp {
  const source = pattern.replace(/\[(!?)(\]?[^\]]*)\]|./gs, (part, not?: string, set?: string) => {
    if (set) return `[${not ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`
    if (part === '*') return '.*'
    if (part === '?') return '.'
    return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  })
  try {
    return new RegExp(`^(?:${source})$`, `s${flags}`)
  } catch {
    // A set like `[z-a]` matches nothing, as in Python's fnmatch.
    return /(?!)/
  }
}
