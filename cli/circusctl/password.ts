import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/**
 * Ask for a password: on a terminal unseen and twice, otherwise the first line of standard input, for scripts. Rejects when
 * the two differ, or when it is given up.
 */
export async function readPassword(prompt: string, interrupted: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) return readLine('', interrupted)
  const password = await readLine(prompt, interrupted)
  if ((await readLine('Once more: ', interrupted)) !== password) throw new Error('these are not the same')
  return password
}

async function readLine(prompt: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(prompt)
  // What is typed is not written back.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY, historySize: 0 })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  lines.once('line', resolve)
  lines.once('close', () => reject(new Error('no password was given')))
  lines.once('SIGINT', () => reject(new Error('given up')))
  signal.addEventListener('abort', () => lines.close(), { once: true })
  try {
    return await promise
  } finally {
    lines.close()
    if (prompt !== '') process.stderr.write('\n')
  }
}
