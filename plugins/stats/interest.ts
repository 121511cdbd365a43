/** What somebody wants to hear, as the beginnings of topics they have subscribed to. */
export class Interest {
  #beginnings: readonly string[] = []

  /** From now on it is this. */
  update(subscriptions: ReadonlySet<string>): void {
    this.#beginnings = [...subscriptions]
  }

  /** Whether there is anybody who wants any of the stats. */
  get inAnything(): boolean {
    return this.in('stat')
  }

  /** Whether somebody wants a topic, or one below it: `stat.web`, `stat.web.71`. */
  in(topic: string): boolean {
    return this.#beginnings.some((beginning) => topic.startsWith(beginning) || beginning.startsWith(`${topic}.`))
  }
}
