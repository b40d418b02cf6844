/** What an owner is told; every text is one line without misleading marks, none is escaped yet. */
export interface OwnerMessage {
  /** The same for the same message sent again. */
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly links: readonly OwnerMessageLink[];
  /** Until when the links are good, ISO 8601. */
  readonly until: string;
}

export interface OwnerMessageLink {
  /** What it is for, in a sentence. */
  readonly purpose: string;
  /** The same on a button. */
  readonly button: string;
  readonly url: string;
}

/** A way to owners: mail, or a chat service. */
export interface OwnerWay {
  /** Of the output. */
  readonly name: string;
  /** Where an owner, as the inventory names him, is told; undefined where he is not. May be a secret. */
  placeOf(owner: string): string | undefined;
  /** `refused`: this message will never be taken there. Rejects where another attempt may help; names no place. */
  send(place: string, message: OwnerMessage): Promise<'sent' | 'refused'>;
  close(): Promise<void>;
}
