import type { ControlCommand } from '../command.ts'
import { tail } from './tail.ts'

export const logs: ControlCommand = {
  ...tail,
  name: 'logs',
  examples: tail.examples?.map((example) => example.replace(/^tail/, 'logs')) ?? [],
}
