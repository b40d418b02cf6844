/** What a call is refused with. `detail` is for people and holds nothing of what the caller sent. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly detail: string,
    /** Further members of the answer. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'No valid token',
  403: 'Not allowed',
  404: 'Not found',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  415: 'Not JSON',
  421: 'Not addressed to this server',
  422: 'Cannot be done',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not possible at present',
};

export const PROBLEM_TYPE = 'application/problem+json';

/** A problem document (RFC 9457) of type `about:blank`: its title is that of the status. */
export const problemBody = ({ status, detail, more }: Pick<Problem, 'status' | 'detail' | 'more'>) => ({
  type: 'about:blank',
  title: titles[status] ?? 'Refused',
  status,
  detail,
  ...more,
});
