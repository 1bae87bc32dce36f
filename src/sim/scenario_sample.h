/* For tests: a small whole scenario written into a temporary folder, whose files a test then changes. */
#ifndef MINGDI_SIM_SCENARIO_SAMPLE_H
#define MINGDI_SIM_SCENARIO_SAMPLE_H

struct sample_folder {
    char path[64];
};

/* Two stations, three units, two facilities, three priorities with codes 1 to 3, four cells, 240 calls a day, two districts. */
void sample_make(struct sample_folder *folder);
/* content NULL removes the file. */
void sample_write(const struct sample_folder *folder, const char *file, const char *content);
void sample_remove(const struct sample_folder *folder);

#endif
