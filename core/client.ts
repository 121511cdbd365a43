/**
 * The part of the public API that talks to a daemon, without the kernel: what a command-line client needs to start fast.
 * Everything here is in `index.ts` too.
 */
export { CircusClient } from './channel/client.ts'
export type { ClientKeys } from './channel/curve/key-pair.ts'
export { findKeys, type KeySource, keyFolder } from './channel/curve/key-source.ts'
export { ReplyError } from './channel/reply-error.ts'
export { EventSubscriber, type PublishedEvent, type PublishedMessage } from './channel/subscriber.ts'
export { Errno, type ErrorCode, errorCodes, KernelError, reasonOf } from './errors.ts'
export { provideSelf } from './self-import.ts'

/** Files with users, names and passwords; loaded by itself, because node:crypto takes milliseconds. */
export const loadUsers = () => import('./users.ts')
