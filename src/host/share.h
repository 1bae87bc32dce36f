/* Where the files that come with the program lie: beside it where it was built, in share/mingdi where it was installed. */
#ifndef MINGDI_HOST_SHARE_H
#define MINGDI_HOST_SHARE_H

/* The folder of that name that a setting means: relative to the data folder; where it is empty, the one beside the program, or
 * share/mingdi/<name> beside the program's folder. The caller frees it. */
char *share_folder(const char *setting, const char *data_folder, const char *name);

#endif
