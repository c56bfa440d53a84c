// The error of a command that an administrator asked for and did not get.

/** What a request of an administrator was refused with. */
export class Refused extends Error {}
