import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A fresh temporary folder, gone with its `using` block. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'circus-e2e-'))

  constructor() {
    chmodSync(this.path, 0o755)
  }

  /** Write a file into it. Returns its path. */
  write(name: string, text: string): string {
    const path = this.at(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  at(name: string): string {
    return join(this.path, name)
  }

  /** The `[circus]` section of a daemon whose endpoints lie in this folder. */
  get circus(): string {
    return `[circus]\nendpoint = ipc://${this.at('control')}\npubsub_endpoint = ipc://${this.at('events')}\n`
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
