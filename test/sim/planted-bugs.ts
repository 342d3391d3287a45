/** placeholder */
export const PORT_BUGS = {};
