import { exitImmediately } from './libc.ts'

/**
 * End this process, after its `exit` listeners. Unlike `process.exit` it does not wait for calls into a file system that
 * hang: libuv would join their threads.
 */
export function exitAtOnce(): never {
  process.once('exit', (code) => exitImmediately(code))
  process.exit()
}
