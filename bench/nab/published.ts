/**
 * Scores that others published for their detectors, standard profile. The two sets differ: the first 29 files are the half
 * that `../shared/nab` holds, the second is the whole benchmark of 58 files.
 */
export interface PublishedScore {
  readonly detector: string;
  readonly half: number;
  readonly whole: number;
}

export const PUBLISHED: readonly PublishedScore[] = [
  { detector: 'ARTime', half: 83.6, whole: 74.9 },
  { detector: 'Numenta HTM', half: 75.8, whole: 70.1 },
  { detector: 'CAD OSE', half: 74.2, whole: 69.9 },
  { detector: 'random cut forest', half: 60.4, whole: 51.7 },
  { detector: 'KNN-CAD', half: 56.3, whole: 58.0 },
  { detector: 'windowed Gaussian', half: 36.1, whole: 39.6 },
];
