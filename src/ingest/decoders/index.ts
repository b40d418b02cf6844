import type { Decoder } from '../decoder';
import type { LogFormat } from '../formats';
import { keywatchDecoder } from './keywatch';
import { kongDecoder } from './kong';
import { nginxCombinedDecoder } from './nginx-combined';
import { nginxJsonDecoder } from './nginx-json';

/** Every format's decoder. `auto` asks them in this order, so a format with surer marks stands before a vaguer one. */
export const decoders: Readonly<Record<LogFormat, Decoder>> = {
  keywatch: keywatchDecoder,
  kong: kongDecoder,
  'nginx-json': nginxJsonDecoder,
  'nginx-combined': nginxCombinedDecoder,
};
