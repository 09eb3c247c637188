/** Returns a delay in seconds. A delay that is negative or longer than ten thousand years is no delay. */
export declare function validDelay(seconds: number | null | undefined): number | undefined;
/**
 * Returns the seconds of a Retry-After, which is a number or a date (RFC 9110 section 10.2.3). A date is compared with the
 * Date of the response, or else with the clock.
 */
export declare function readDelay(retryAfter: string, date: string): number | undefined;
