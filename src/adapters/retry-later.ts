/** A failed write whose receiver said when to come again. Its message repeats no URL, secret or body. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  constructor(
    message: string,
    /** Milliseconds. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}
