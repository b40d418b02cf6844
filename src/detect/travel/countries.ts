/**
 * Where countries are, roughly: a middle (degrees north and east) and a radius in kilometres that holds all of the country
 * where people are connected, islands of its own code included. The radius of the United States leaves out Hawaii, that of
 * Chile the Easter Island, that of Australia its outer islands. Rounded figures of common geography; what is asked of them
 * is only a lower bound of distances between countries.
 */
const table = [
  'AD 42.5 1.5 25;AE 24 54 400;AF 34 66 750;AG 17.1 -61.8 60;AI 18.2 -63.1 40;AL 41 20 220;AM 40.2 45 230;',
  'AO -12.5 18.5 1050;AR -36 -65 2300;AS -14.3 -170.7 420;AT 47.6 14 430;AU -25 134 2500;AW 12.5 -70 25;',
  'AX 60.2 20 80;AZ 40.4 47.7 320;BA 44.2 17.8 230;BB 13.2 -59.5 30;BD 24 90 420;BE 50.6 4.7 190;',
  'BF 12.3 -1.7 500;BG 42.7 25.4 340;BH 26 50.5 50;BI -3.4 29.9 160;BJ 9.5 2.3 400;BL 17.9 -62.8 15;',
  'BM 32.3 -64.8 30;BN 4.5 114.7 100;BO -17 -65 950;BQ 14.5 -65.5 620;BR -11 -54 2700;BS 24.5 -76.5 520;',
  'BT 27.4 90.4 210;BW -22.2 23.8 680;BY 53.6 28 420;BZ 17.2 -88.6 190;CA 58 -97 3300;CC -12.1 96.8 40;',
  'CD -3 23.5 1500;CF 6.6 20.5 850;CG -0.8 15.2 800;CH 46.8 8.2 240;CI 7.6 -5.6 460;CK -18 -160 1100;',
  'CL -33 -71 2900;CM 5.7 12.7 900;CN 36 103 2900;CO 4 -73 1500;CR 10 -84.2 300;CU 21.8 -79.3 700;',
  'CV 15.9 -24 200;CW 12.2 -69 40;CX -10.5 105.6 20;CY 35 33.2 160;CZ 49.8 15.4 310;DE 51.2 10.4 520;',
  'DJ 11.7 42.6 140;DK 56 10.5 450;DM 15.4 -61.4 40;DO 18.9 -70.5 260;DZ 28 2.6 1350;EC -1.5 -79 1500;',
  'EE 58.7 25.5 260;EG 26.5 29.8 850;EH 24.3 -13.8 520;ER 15.3 39 520;ES 38 -5 1700;ET 9 39.6 900;',
  'FI 64.5 26.3 680;FJ -17.8 178 600;FK -51.8 -59.5 200;FM 7 153 1700;FO 62 -6.9 90;FR 46.5 2.5 830;',
  'GA -0.6 11.8 480;GB 54.5 -3 800;GD 12.1 -61.7 60;GE 42.2 43.5 330;GF 4 -53.2 300;GG 49.5 -2.6 40;',
  'GH 8 -1.2 450;GI 36.1 -5.3 15;GL 72 -41 1500;GM 13.4 -15.4 230;GN 10.4 -10.9 560;GP 16.2 -61.5 80;',
  'GQ 1.7 10.3 700;GR 39 23 620;GT 15.7 -90.3 300;GU 13.4 144.8 40;GW 12 -15 240;GY 4.8 -58.9 480;',
  'HK 22.3 114.1 60;HN 14.8 -86.6 460;HR 45 16.5 370;HT 19 -72.7 230;HU 47.2 19.4 310;ID -2.5 118 2800;',
  'IE 53.3 -8 280;IL 31.5 35 270;IM 54.2 -4.5 35;IN 22.5 80 1950;IQ 33 43.7 580;IR 32.5 54.3 1250;',
  'IS 65 -18.7 320;IT 42.5 12.5 850;JE 49.2 -2.1 25;JM 18.1 -77.3 140;JO 31.3 36.8 330;JP 36.5 138 2000;',
  'KE 0.5 37.8 650;KG 41.5 74.5 560;KH 12.7 105 350;KI 0 -170 3500;KM -12 43.7 150;KN 17.3 -62.7 40;',
  'KP 40.2 127 350;KR 36.4 127.8 420;KW 29.3 47.6 140;KY 19.4 -80.8 150;KZ 48 67.3 1650;LA 18.5 103.8 680;',
  'LB 33.9 35.9 130;LC 13.9 -61 40;LI 47.15 9.55 25;LK 7.6 80.7 280;LR 6.5 -9.3 380;LS -29.6 28.2 170;',
  'LT 55.3 23.9 240;LU 49.8 6.1 60;LV 56.9 24.9 270;LY 27 18 1050;MA 31.5 -7 1150;MC 43.74 7.4 10;',
  'MD 47.2 28.5 240;ME 42.8 19.3 130;MF 18.08 -63.06 15;MG -19.3 46.7 850;MH 8.5 168.5 700;MK 41.6 21.7 130;',
  'ML 17.5 -3.5 1100;MM 20.5 96.5 1300;MN 46.8 103.1 1250;MO 22.2 113.55 20;MP 16 145.7 550;MQ 14.6 -61 50;',
  'MR 20.3 -10.3 850;MS 16.75 -62.2 20;MT 35.9 14.4 40;MU -20.2 57.6 1100;MV 3.5 73.3 550;MW -13.2 34.3 490;',
  'MX 23.5 -102 1850;MY 4 109.5 1200;MZ -17.3 35.5 1150;NA -22.1 17.2 950;NC -21.3 165.7 420;NE 17.4 9.4 1150;',
  'NF -29 168 20;NG 9.6 8 780;NI 12.8 -85 330;NL 52.2 5.5 220;NO 65 14 950;NP 28.2 83.9 480;NR -0.5 166.9 15;',
  'NU -19 -169.9 30;NZ -41.5 173 1000;OM 20.6 56.1 680;PA 8.5 -80.1 380;PE -9.2 -74.4 1200;PF -16 -145 1500;',
  'PG -6.5 146 1250;PH 12 122.5 1050;PK 30 69.4 980;PL 52.1 19.4 470;PM 46.9 -56.3 50;PN -25 -130 500;',
  'PR 18.2 -66.4 150;PS 31.9 35.2 120;PT 39.5 -8 2000;PW 7.3 134.4 560;PY -23.2 -58.4 600;QA 25.3 51.2 120;',
  'RE -21.1 55.5 50;RO 45.9 25 430;RS 44.2 20.8 300;RU 62 95 4400;RW -2 29.9 140;SA 24 45 1300;SB -9 160 900;',
  'SC -6 53 1100;SD 15.9 30 1150;SE 62.5 16.5 850;SG 1.35 103.8 40;SH -20 -9 2200;SI 46.1 14.8 170;',
  'SJ 78 18 1150;SK 48.7 19.5 240;SL 8.5 -11.8 230;SM 43.94 12.46 15;SN 14.4 -14.5 400;SO 5.5 46 950;',
  'SR 4.1 -55.9 330;SS 7.3 30.3 780;ST 0.6 6.8 130;SV 13.7 -88.9 170;SX 18.04 -63.07 15;SY 35 38.5 430;',
  'SZ -26.5 31.5 120;TC 21.7 -71.8 100;TD 15.4 18.7 1000;TF -48 67 1700;TG 8.5 1 330;TH 14.5 101 1050;',
  'TJ 38.5 71 420;TK -9 -171.8 120;TL -8.8 125.9 230;TM 39.1 59.4 680;TN 34 9.6 460;TO -19.5 -174.8 450;',
  'TR 39 35.2 900;TT 10.5 -61.2 130;TV -8 178.5 450;TW 23.7 121 350;TZ -6.3 34.8 770;UA 48.9 31.4 800;',
  'UG 1.3 32.4 380;US 39 -98 3200;UY -32.8 -56 330;UZ 41.8 63.1 850;VA 41.9 12.45 10;VC 13 -61.2 60;',
  'VE 7 -66 950;VG 18.45 -64.6 50;VI 18 -64.8 70;VN 16 106.5 950;VU -16 167.5 600;WF -13.8 -177 250;',
  'WS -13.7 -172.2 120;XK 42.6 20.9 110;YE 15.6 47.6 900;YT -12.8 45.15 40;ZA -29 25 1050;ZM -13.5 27.8 850;',
  'ZW -19 29.9 520;',
].join('');

interface Disc {
  readonly latitude: number;
  readonly longitude: number;
  readonly radius: number;
}

const discs: ReadonlyMap<string, Disc> = new Map(
  table
    .split(';')
    .filter((row) => row !== '')
    .map((row) => {
      const [code, latitude, longitude, radius] = row.split(' ');
      return [code, { latitude: Number(latitude), longitude: Number(longitude), radius: Number(radius) }];
    }),
);

/** All codes known here. */
export const countryCodes: readonly string[] = [...discs.keys()];

const EARTH_DIAMETER = 12_742;
const DEGREE = Math.PI / 180;

/**
 * Kilometres that lie at least between any place of the one country and any of the other: the great circle between their
 * middles (haversine) less both radii, at least 0. Undefined where either is none of the countries known here. Codes are
 * ISO 3166-1 alpha-2, upper case.
 */
export function leastDistance(a: string, b: string): number | undefined {
  const [one, other] = [discs.get(a), discs.get(b)];
  if (one === undefined || other === undefined) return undefined;
  const up = Math.sin(((other.latitude - one.latitude) * DEGREE) / 2) ** 2;
  const across = Math.sin(((other.longitude - one.longitude) * DEGREE) / 2) ** 2;
  const h = up + Math.cos(one.latitude * DEGREE) * Math.cos(other.latitude * DEGREE) * across;
  return Math.max(0, EARTH_DIAMETER * Math.asin(Math.sqrt(Math.min(1, h))) - one.radius - other.radius);
}
