import type { Answers } from '../api/answers';
import type { InboundAnswer, InboundRoute } from '../inbound/server';
import { carryOut, incidentOf, type OwnerDesk } from './desk';
import { formToken, isFormToken, type OwnerLink, readLink } from './links';
import { confirmPage, messagePage, plain } from './page';

export interface OwnerRoutesOptions extends OwnerDesk {
  readonly secret: string;
  /** Which links were used, durably, for longer than a link is good. */
  readonly once: Answers['once'];
}

const FORM_TYPE = 'application/x-www-form-urlencoded';
const MAX_BODY = 16_384;

/**
 * `GET /v1/owner?link=…` shows what a link would do and does nothing, so that a scanner of mail can follow it; `POST /v1/owner`
 * with the page's form does it, once.
 */
export function ownerRoutes(options: OwnerRoutesOptions): readonly InboundRoute[] {
  const { secret, once, desk } = options;

  function show(text: string): InboundAnswer {
    const now = desk.now();
    const link = readLink(secret, text, now);
    if (typeof link === 'string') return refusal(link);
    return page(200, confirmPage({ ...wordsOf(options, link), link: text, form: formToken(secret, text, now) }));
  }

  return [
    {
      method: 'GET',
      path: '/v1/owner',
      accepts: '',
      maxBody: 0,
      run: async ({ query }) => show(query('link') ?? ''),
    },
    {
      method: 'POST',
      path: '/v1/owner',
      accepts: FORM_TYPE,
      maxBody: MAX_BODY,
      async run({ body }) {
        const fields = new URLSearchParams(body.toString('utf8'));
        const text = fields.get('link') ?? '';
        const now = desk.now();
        const link = readLink(secret, text, now);
        if (typeof link === 'string') return refusal(link);
        // Not sent from a page of ours, or from one that was open for too long: shown anew.
        if (!isFormToken(secret, text, fields.get('form') ?? '', now)) return { ...show(text), status: 403 };
        let result: string | undefined;
        const answer = await once({ caller: 'owner', key: link.id, asked: link.action }, async () => {
          result = await carryOut(options, link);
          return { status: 200, body: {} };
        });
        if (answer === 'running' || result === undefined) return refusal('used');
        return page(200, messagePage('Thank you', [`Done: ${result}.`, 'The security team was told.']));
      },
    },
  ];
}

function wordsOf({ desk, suspendMs, mayRelease }: OwnerDesk, link: OwnerLink) {
  const document = incidentOf(desk, link)?.document;
  const name = plain(document?.user?.name || desk.inventory().of(link.key)?.name || link.key, 256);
  const { state, until } = desk.control.standing(link.key);
  const known = [
    `Key: ${name} (${plain(link.key, 256)})`,
    ...(document === undefined ? [] : [document.event.reason, `At ${document['@timestamp']}.`]),
    `The key is at present: ${state}${until === undefined ? '' : `, until ${new Date(until).toISOString()}`}.`,
  ];
  if (link.action === 'suspend-now')
    return {
      title: 'Suspend this key now?',
      known,
      effect: [
        `The key is suspended for ${Math.round(suspendMs / 3_600_000)} hours: whoever uses it is refused, your own systems too. The security team is told and can release it earlier.`,
      ],
      button: 'Suspend the key now',
    };
  return {
    title: 'Was this you?',
    known,
    effect: [
      `The security team is told that it was you, and this kind of oddity counts for nothing on this key for a while. ${
        mayRelease
          ? 'Where keywatch suspended the key by itself, it is released.'
          : 'Where the key is suspended it stays so until the security team releases it.'
      }`,
    ],
    button: 'Yes, this was me',
  };
}

const refusals = {
  forged: [
    403,
    'This link is not valid',
    'It is incomplete or was changed. Open it from the message once more, whole.',
  ],
  expired: [410, 'This link has expired', 'Ask your security team.'],
  used: [410, 'This link was used', 'What it stands for was done, or is being done at this moment.'],
} as const;

function refusal(why: keyof typeof refusals): InboundAnswer {
  const [status, title, text] = refusals[why];
  return page(status, messagePage(title, [text, 'Nothing was changed by this call.']));
}

const page = (status: number, body: string): InboundAnswer => ({ status, type: 'text/html; charset=utf-8', body });
