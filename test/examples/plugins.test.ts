import { provideSelf } from '../../core/client.ts'

// What the tests of these packages import as `circusd/…` is this checkout.
provideSelf()
for (const kind of ['events', 'hooks', 'command', 'stream'])
  await import(`../../hooks-examples/plugins/${kind}/test/index.test.ts`)
