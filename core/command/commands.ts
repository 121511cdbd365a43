import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/** `commands`: what this daemon answers, its plugins' commands included. */
export const commands = defineCommand({
  name: 'commands',
  summary: 'Show what this daemon answers.',
  readOnly: true,
  properties: properties({}),
  execute: ({ arbiter }) => ({ commands: arbiter.commands.describe() }),
})
