/**
 * User agents by client family. `build` counts the releases of a client: 0 at the start of a simulation, one more with
 * every deployment. Clients whose texts carry no moving version ignore it.
 */
export const families = {
  curl: (build: number) => `curl/8.${4 + build}.0`,
  'python-requests': (build: number) => `python-requests/2.${30 + build}.0`,
  'python-httpx': (build: number) => `python-httpx/0.${25 + build}.1`,
  go: () => 'Go-http-client/2.0',
  axios: (build: number) => `axios/1.${5 + build}.2`,
  undici: () => 'undici',
  java: (build: number) => `Java-http-client/17.0.${8 + build}`,
  okhttp: (build: number) => `okhttp/4.${10 + build}.0`,
  'app-android': (build: number) => `ShopApp/5.${12 + build}.0 (Android 14) okhttp/4.12.0`,
  'app-ios': (build: number) => `ShopApp/5.${12 + build}.0 (iOS 17.4; Scale/3.00)`,
  ruby: (build: number) => `Ruby/3.${1 + build}.0`,
  wget: () => 'Wget/1.21.4',
} as const;

export type Family = keyof typeof families;

export function userAgent(family: Family, build: number): string {
  return families[family](Math.max(0, build));
}
