import type { ControlCommand } from '../command.ts'
import { UsageError } from '../command.ts'
import type { Found } from '../discovery.ts'

/** Seconds: who is going to answer does so at once. */
const defaultWait = 1
/** Where the original looks. */
const commonGroup = 'udp://237.219.251.97:12027'

/** Asks the network, and no daemon in particular. */
export const discover: ControlCommand = {
  name: 'discover',
  summary: 'List the daemons that answer on the network: those with a multicast_endpoint. Exit code 1 when none does.',
  flags: {
    multicast: { type: 'text', description: 'the multicast address where they listen', default: commonGroup },
  },
  examples: ['discover', 'discover --multicast udp://239.1.2.3:4567 --timeout 3'],
  local: true,
  async run({ json, output, interrupted }, _, flags) {
    const { askNetwork, readGroup } = await import('../discovery.ts')
    const group = readGroup(String(flags.multicast ?? commonGroup))
    if (!group) throw new UsageError('--multicast must be udp://ADDRESS:PORT with an address from 224.0.0.0 on')
    const waitMs = Number(flags.timeout ?? defaultWait) * 1_000
    const daemons = await askNetwork(group, waitMs, interrupted)
    if (json) output.printJson({ status: 'ok', daemons })
    else if (daemons.length === 0) process.stderr.write(`circusctl discover: nobody answers at ${group.href}\n`)
    else if (output.terminal) {
      const { formatTable } = await import('../table.ts')
      const columns = [
        { title: 'ENDPOINT', text: ({ endpoint }: Found) => endpoint },
        { title: 'ANSWERED FROM', text: ({ address }: Found) => address },
      ]
      output.print(formatTable(daemons, columns, output.terminal))
    } else output.print(daemons.map(({ endpoint }) => endpoint).join('\n'))
    return daemons.length === 0 ? 1 : 0
  },
}
