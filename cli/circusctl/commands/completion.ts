import { type ControlCommand, UsageError } from '../command.ts'

export const completion: ControlCommand = {
  name: 'completion',
  summary: 'Print what makes bash, zsh or fish complete circusctl and circusd.',
  args: [{ name: 'shell', description: 'bash, zsh or fish', required: true }],
  examples: [
    'completion bash        # eval "$(circusctl completion bash)" in ~/.bashrc',
    'completion zsh         # source <(circusctl completion zsh) in ~/.zshrc',
    'completion fish        # circusctl completion fish | source in ~/.config/fish/config.fish',
  ],
  local: true,
  async run({ output }, [shell = '']) {
    const { scripts } = await import('../completion/scripts.ts')
    if (!Object.hasOwn(scripts, shell))
      throw new UsageError(`there is completion for bash, zsh and fish, not '${shell}'`)
    output.print(scripts[shell as keyof typeof scripts].trimEnd())
  },
}
