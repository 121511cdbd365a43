import type { Random } from './random.ts'
import { nasty, nastyText, patterns } from './values.ts'

/** The JSON Schema of a command's properties, as the reply to `commands` shows it. */
interface PropertiesSchema {
  readonly properties?: Readonly<
    Record<string, { readonly type?: string | readonly string[]; readonly enum?: readonly unknown[] }>
  >
}

/** What is known of the daemon that is to be confused. */
export interface Target {
  readonly commands: Readonly<Record<string, { readonly properties: PropertiesSchema }>>
  /** Watchers that anything may be done to. */
  readonly victims: readonly string[]
  /** Watchers that may only be asked about, started, stopped and restarted. */
  readonly keepers: readonly string[]
  /** The names of watchers' options. */
  readonly options: readonly string[]
}

/** Ends the daemon, as it should. */
const excluded = new Set(['quit'])
/** What these do to a watcher would have to be undone. */
const changing = new Set(['add', 'rm', 'set', 'incr', 'decr', 'kill', 'signal'])

/** Makes requests for one daemon, right ones and wrong ones. */
export class Requests {
  readonly #random: Random
  readonly #target: Target
  readonly #names: readonly string[]
  #lastId = 0

  constructor(random: Random, target: Target) {
    this.#random = random
    this.#target = target
    this.#names = Object.keys(target.commands).filter((name) => !excluded.has(name))
  }

  /** The frames of a message, as a DEALER sends them. */
  next(): Buffer[] {
    const random = this.#random
    const request = this.#request()
    let body = Buffer.from(JSON.stringify(request))
    // A digit more in a number would ask for ten times as many processes.
    if (random.chance(0.15) && !/nb|numprocesses/.test(String(body))) body = this.#damage(body)
    if (random.chance(0.9)) return [body]
    return random.pick([
      [Buffer.alloc(0), body],
      [body, body],
      [Buffer.alloc(0), Buffer.alloc(0), body],
      [Buffer.alloc(0)],
      [Buffer.alloc(0), Buffer.alloc(0)],
      Array.from({ length: 50 }, () => body),
      [Buffer.from(nastyText(random))],
      [Buffer.from(JSON.stringify(nasty(random)))],
    ])
  }

  #request(): unknown {
    const random = this.#random
    const command = random.chance(0.95) ? random.pick(this.#names) : nasty(random)
    const id = random.chance(0.9) ? `fuzz-${++this.#lastId}` : nasty(random)
    const properties = random.chance(0.95)
      ? this.#properties(typeof command === 'string' ? command : '')
      : nasty(random)
    const cast = random.chance(0.1) ? { msg_type: random.pick(['cast', 'CAST', nasty(random)]) } : {}
    const spelled = typeof command === 'string' && random.chance(0.1) ? command.toUpperCase() : command
    const request = { id, command: spelled, properties, ...cast }
    if (random.chance(0.03)) return Object.fromEntries(Object.entries(request).filter(() => random.chance(0.5)))
    return request
  }

  #properties(command: string): Record<string, unknown> {
    const random = this.#random
    const { commands } = this.#target
    const schema = (Object.hasOwn(commands, command) && commands[command]?.properties.properties) || {}
    const entries = Object.entries(schema)
      .filter(() => random.chance(0.75))
      .map(([name, { type, enum: choices }]) => [name, this.#value(command, name, type, choices)] as const)
    const extra = random.chance(0.1) ? [[nastyText(random), nasty(random)] as const] : []
    return Object.fromEntries([...entries, ...extra])
  }

  #value(
    command: string,
    name: string,
    type: string | readonly string[] | undefined,
    choices: readonly unknown[] | undefined,
  ): unknown {
    const random = this.#random
    switch (name) {
      case 'name':
        return this.#name(command)
      case 'nb':
        return random.pick([0, 1, 1, '1', -1, 1.5, 1e308, 2 ** 60, 'x', null, nasty(random, 9)].filter(isFew))
      case 'nostop':
        // What is left running on purpose could not be told from what is left over.
        return random.pick([false, 0, 'no', 'x', null, [], {}])
      case 'cmd':
        return this.#command()
      case 'options':
        return this.#options()
      case 'keys':
        return random.chance(0.8) ? [random.pick(this.#target.options), nastyText(random)] : nasty(random)
      case 'graceful_timeout':
        return random.pick([0, 0.1, '0.2', -1, 'x', null])
      default:
    }
    if (random.chance(0.4)) return nasty(random)
    if (choices) return random.pick(choices)
    switch (typeof type === 'string' ? type : type?.[0]) {
      case 'boolean':
        return random.chance(0.5)
      case 'integer':
      case 'number':
        return random.below(50)
      default:
        return nastyText(random)
    }
  }

  #name(command: string): unknown {
    const random = this.#random
    const { victims, keepers } = this.#target
    if (random.chance(0.2)) return nasty(random)
    if (command === 'add') return `fuzz-${random.below(20)}${random.chance(0.2) ? nastyText(random) : ''}`
    if (random.chance(0.2)) return random.pick(patterns)
    if (changing.has(command)) return random.pick([...victims, `fuzz-${random.below(20)}`])
    return random.pick([...victims, ...keepers, `fuzz-${random.below(20)}`])
  }

  /** Only what does no harm when it is run. */
  #command(): unknown {
    return this.#random.pick([
      'sleep 1000',
      'sleep',
      'no-such-program',
      '',
      ' ',
      '"',
      'a'.repeat(10_000),
      '\0',
      null,
      7,
      [],
    ])
  }

  #options(): unknown {
    const random = this.#random
    if (random.chance(0.1)) return nasty(random)
    const names = Array.from({ length: random.below(5) }, () =>
      random.chance(0.8) ? random.pick(this.#target.options) : nastyText(random),
    )
    return Object.fromEntries(names.map((name) => [name, this.#option(name)]))
  }

  #option(name: string): unknown {
    const random = this.#random
    if (name === 'cmd') return this.#command()
    if (name === 'numprocesses') return random.pick([0, 1, 2, '2', -1, 'x', 1e308, null])
    // A watcher that takes its time would only make the work take longer.
    if (/timeout|delay|retry|max_age|interval/.test(name)) return random.pick([0, 0.05, '0.1', -1, 'x', null])
    const value = random.chance(0.5) ? nasty(random) : random.pick(['1', 'true', 'no', 'sleep', 15, 0])
    return value
  }

  #damage(body: Buffer): Buffer<ArrayBuffer> {
    const random = this.#random
    const at = random.below(body.length + 1)
    const [before, after] = [body.subarray(0, at), body.subarray(at)]
    switch (random.below(6)) {
      case 0:
        return Buffer.from(before)
      case 1:
        return Buffer.concat([before, Buffer.from([random.below(256)]), after.subarray(1)])
      case 2:
        return Buffer.concat([before, Buffer.from(nastyText(random)), after])
      case 3:
        return Buffer.concat([body, body])
      case 4:
        return Buffer.concat([before, Buffer.from([0xff, 0xfe, 0xc0]), after])
      default:
        return Buffer.concat([after, before])
    }
  }
}

/** Not so many processes that the machine would mind. */
const isFew = (value: unknown) => !(Number(value) > 1 && Number(value) < 1e15)
