import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A fresh folder, gone when its scope ends. */
export interface TemporaryFolder extends Disposable {
  readonly root: string
  /** The path of a file in it. */
  path(name: string): string
  /** Write a file in it, with the folders it needs. */
  write(name: string, content: string): void
}

/** Make a fresh folder with some files in it. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): TemporaryFolder {
  // Short: the path of a socket has at most 107 bytes.
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'circusd-')))
  const folder: TemporaryFolder = {
    root,
    path: (name) => join(root, name),
    write(name, content) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), content)
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
  for (const [name, content] of Object.entries(files)) folder.write(name, content)
  return folder
}
