/** What is shown in place of a secret. */
const mask = '********'

/** Words that make a name look like a secret's, wherever they stand in it. */
const anywhere = /passw(?:or)?d|passphrase|secret|token|credential|private/i
/** Words that do so only as a word of their own: `API_KEY`, `apiKey`, `redis.key`, not `monkey`. */
const asWord = new Set(['key', 'keys', 'pass', 'dsn'])
/** Names nothing else tells: an isolated plugin's assignment, which holds its options and its key. */
const known = /(?:^|\.)(?:pgpassfile|\w+_pwd|circus_plugin|\w*(?:api|access)key)$/i

const remembered = new Map<string, boolean>()

/** Whether a variable or an option of that name is likely to hold a secret. */
export function looksSecret(name: string): boolean {
  const answer = remembered.get(name)
  if (answer !== undefined) return answer
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/)
  const secret = anywhere.test(name) || known.test(name) || words.some((word) => asWord.has(word))
  if (remembered.size >= 4_096) remembered.clear()
  remembered.set(name, secret)
  return secret
}

/**
 * A value with every secret in it masked: texts and numbers under names that look secret, and in any text a URL's
 * password and what follows `password=` and the like. Returns the value itself when there is nothing to mask.
 */
export function maskSecrets<T>(value: T): T {
  return masked(value) as T
}

const none: readonly object[] = []

/** @param above The objects it is in: one that holds itself stays as it is, for whoever writes it down to refuse. */
function masked(value: unknown, above: readonly object[] = none): unknown {
  if (typeof value === 'string') return maskText(value)
  if (typeof value !== 'object' || value === null || above.includes(value)) return value
  const names = !Array.isArray(value)
  const items = value as Record<string, unknown>
  let inside: readonly object[] | undefined
  let copy: Record<string, unknown> | undefined
  for (const key of Object.keys(items)) {
    const item = items[key]
    if (typeof item === 'object' && item !== null) inside ??= [...above, value]
    const shown = names && looksSecret(key) ? hidden(item, inside) : masked(item, inside)
    if (shown === item) continue
    // A list as well: its keys are its indices.
    copy ??= (names ? { ...items } : [...(value as unknown[])]) as Record<string, unknown>
    copy[key] = shown
  }
  return copy ?? value
}

/** What stands under a secret's name. That there is nothing is no secret. */
function hidden(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value === 'string') return value === '' ? value : mask
  if (typeof value === 'number') return mask
  if (typeof value !== 'object' || value === null || above.includes(value)) return value
  const inside = [...above, value]
  if (Array.isArray(value)) return value.map((item) => hidden(item, inside))
  const shown = masked(value, above)
  // As `describe` has it: the value, and where it was set.
  return 'value' in value ? { ...(shown as object), value: hidden(value.value, inside) } : shown
}

function maskText(text: string): string {
  const hasUrl = text.includes('@') && text.includes('://')
  if (!hasUrl && !text.includes('=')) return text
  return (hasUrl ? text.replace(word, maskUrl) : text).replace(assignment, `$1${mask}`)
}

/** Up to the last @, for there may be one in the password; looked for but once, so that no text takes long. */
function maskUrl(text: string): string {
  const at = text.lastIndexOf('@')
  const [head] = userOfUrl.exec(text.slice(0, Math.max(at, 0))) ?? []
  return head === undefined ? text : `${head}${mask}${text.slice(at)}`
}

const word = /[^\s"]+/g
const userOfUrl = /^.*?:\/\/[^:/@]*:(?!$)/
// It begins with fixed letters and repeats little, so that no text keeps it busy.
const assignment =
  /((?:passw(?:or)?d|passphrase|secret|token|credentials?|[_-]key|apikey|_pwd)=)(?:"[^"]+"|'[^']+'|[^\s&;,"']+)/gi
