/** Beginnings that are told apart; whoever wants more than that gets all. */
const MANY = 200

/** What somebody wants to hear, as the beginnings of topics they have subscribed to. */
export class Interest {
  #beginnings: readonly string[] = []

  /** From now on it is this. */
  update(subscriptions: ReadonlySet<string>): void {
    const ours = [...subscriptions].filter(
      (beginning) => 'stat.'.startsWith(beginning) || beginning.startsWith('stat.'),
    )
    // Whoever may listen can subscribe to what it likes, as often as it likes.
    this.#beginnings = ours.length > MANY ? ['stat.'] : ours
  }

  /** Whether there is anybody who wants any of the stats. */
  get inAnything(): boolean {
    return this.#beginnings.length > 0
  }

  /** Whether somebody wants a topic, or one below it: `stat.web`, `stat.web.71`. */
  in(topic: string): boolean {
    return this.#beginnings.some((beginning) => topic.startsWith(beginning) || beginning.startsWith(`${topic}.`))
  }
}
