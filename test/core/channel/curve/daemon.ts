import { chmodSync } from 'node:fs'
import { readClientKey } from '../../../../core/channel/curve/key-file.ts'
import { addKey, initKeys, keyFiles, removeKey } from '../../../../core/channel/curve/key-folder.ts'
import { CircusClient, type ClientKeys, EventSubscriber } from '../../../../core/client.ts'
import type { Role } from '../../../../core/command/role.ts'
import { type RunningArbiter, startArbiter, temporaryFolder } from '../../../harness/index.ts'

/** A daemon with `auth = curve`, and people who have keys for it. */
export interface GuardedDaemon extends RunningArbiter {
  /** Where the keys are. */
  readonly keyFolder: string
  /** Make a key for somebody. */
  add(name: string, role: Role): ClientKeys
  /** Take it back. */
  remove(name: string): void
  /** A client, closed at the end of the daemon's scope. */
  clientOf(keys: ClientKeys | undefined): CircusClient
  /** Everything published from now on; closed at the end of the daemon's scope. */
  eventsOf(keys: ClientKeys | undefined): Promise<EventSubscriber>
}

export const transports = {
  tcp: 'endpoint = tcp://127.0.0.1:*\npubsub_endpoint = tcp://127.0.0.1:*\n',
  ipc: '',
}

/** Start one. `ini` may begin with further options of `[circus]`. The key `boss` (admin) is there. */
export async function startGuarded(transport: keyof typeof transports, ini: string): Promise<GuardedDaemon> {
  await using started = new AsyncDisposableStack()
  const keyFolder = started.use(temporaryFolder()).path('keys')
  initKeys(keyFolder, 'boss')
  const { server, clients } = keyFiles(keyFolder)
  const running = started.use(
    await startArbiter(
      `[circus]\nauth = curve\nserver_key = ${server}\nclient_keys = ${clients}\n${transports[transport]}${ini}`,
    ),
  )
  chmodSync(running.folder.root, 0o755)
  const { control, events } = running.arbiter.endpoints
  const kept = started.move()
  return {
    ...running,
    keyFolder,
    add: (name, role) => readClientKey(addKey(keyFolder, name, role)),
    remove: (name) => void removeKey(keyFolder, name),
    clientOf: (keys) => kept.use(new CircusClient({ endpoint: control, timeoutMs: 10_000, ...(keys && { keys }) })),
    async eventsOf(keys) {
      const subscriber = kept.use(new EventSubscriber({ endpoint: events, topics: [''], keys }))
      await subscriber.ready()
      return subscriber
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** The key of whoever made the folder. */
export const bossOf = ({ keyFolder }: GuardedDaemon): ClientKeys => readClientKey(keyFiles(keyFolder).client)
