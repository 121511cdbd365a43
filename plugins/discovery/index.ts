import { z } from 'zod'
import { definePlugin } from '../../core/index.ts'
import { Responder } from './responder.ts'

/** Where the original looks for others. */
const commonGroup = 'udp://237.219.251.97:12027'
/** Seconds between two looks at the machine's network interfaces. */
const lookAgain = 30

const address = z
  .string()
  .regex(/^udp:\/\/2(2[4-9]|3\d)(\.\d{1,3}){3}:\d{1,5}$/, 'udp://ADDRESS:PORT with a multicast address is expected')

/** Tells whoever asks on the network where this daemon is. */
export default definePlugin({
  name: 'discovery',
  summary: 'Tells whoever asks on the network where this daemon is.',
  options: z.strictObject({
    /** The UDP multicast address to listen at; that of [circus], or the original's, when it is left out. */
    multicast_endpoint: address.optional(),
    /** Answers a second, at most. */
    answers_per_second: z.coerce.number().int().positive().default(50),
  }),
  async setup(circus, { multicast_endpoint, answers_per_second }) {
    const { options } = await circus.call<{ options: Record<string, unknown> }>('globaloptions')
    const group = multicast_endpoint ?? options['multicast_endpoint'] ?? commonGroup
    const responder = new Responder({
      group: new URL(String(group)),
      endpoint: String(options['endpoint']),
      answersPerSecond: answers_per_second,
      log: circus.log,
    })
    await responder.listen()
    circus.every(lookAgain, () => responder.listen())
    return () => responder.close()
  },
})
