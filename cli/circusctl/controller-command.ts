import { Command, type Interfaces } from '@oclif/core'
import { KernelError, ReplyError } from '../../core/client.ts'
import { connectionFlags, type Flags, UsageError } from './command.ts'
import { Daemon } from './daemon.ts'
import { failureOf } from './failure.ts'
import { formatJson } from './format.ts'
import { oclifFlag } from './oclif-flag.ts'
import { addressesOf } from './perform.ts'

/** The flags that say which daemon is meant, as oclif reads them. */
type ConnectionFlags = {
  readonly endpoint: Interfaces.OptionFlag<string[] | undefined>
  readonly timeout: Interfaces.OptionFlag<number | undefined>
  readonly prettify: Interfaces.BooleanFlag<boolean>
  readonly ssh: Interfaces.OptionFlag<string | undefined>
  readonly ssh_keyfile: Interfaces.OptionFlag<string | undefined>
  readonly key: Interfaces.OptionFlag<string | undefined>
}

/**
 * What an oclif command of a package extends to talk to a daemon: it has the flags of the connection and `--json` (what
 * `run` returns), and ends like the commands of circusctl: exit code 1 when the daemon cannot be reached, 3 when it
 * answered with an error.
 */
export abstract class ControllerCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = Object.fromEntries(
    Object.entries(connectionFlags)
      .filter(([name]) => name !== 'json')
      .map(([name, flag]) => [name, { ...oclifFlag(name, flag), helpGroup: 'CONNECTION' }]),
  ) as unknown as ConnectionFlags

  /**
   * Send a command to the daemon that `flags` (those that `this.parse` gave) mean, and resolve to its reply.
   *
   * @throws ReplyError, KernelError: let them through, they are told as they should be
   */
  protected async call<T extends object = Record<string, unknown>>(
    command: string,
    properties: Readonly<Record<string, unknown>>,
    flags: Flags,
  ): Promise<T> {
    await using daemon = this.connect(flags)
    return (await daemon.call(command, properties)) as T
  }

  /** The daemon that `flags` mean: for several calls, or for its events. Close it (`await using`). */
  protected connect(flags: Flags): Daemon {
    const [address, second] = addressesOf(flags)
    if (!address || second) throw new UsageError('takes one --endpoint')
    return new Daemon(address)
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${formatJson(json, this.argv.includes('--prettify'))}\n`)
  }

  protected override async catch(error: Interfaces.CommandError): Promise<unknown> {
    if (![ReplyError, KernelError, UsageError].some((known) => error instanceof known)) return super.catch(error)
    const { text, value, code } = failureOf(String(this.id), error)
    if (this.jsonEnabled()) this.logJson(value)
    else process.stderr.write(`${text}\n`)
    process.exitCode = code
    return undefined
  }
}
