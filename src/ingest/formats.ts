/** Names of the log formats, as the configuration spells them. `auto` recognises one of the others. */
export const formats = ['auto', 'keywatch', 'kong', 'nginx-json', 'nginx-combined'] as const;
export type Format = (typeof formats)[number];

/** A format with a decoder of its own. */
export type LogFormat = Exclude<Format, 'auto'>;
