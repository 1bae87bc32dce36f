/* The style sheet of report.html: light and dark, paper, phone. */
#ifndef MINGDI_SIM_REPORT_STYLE_H
#define MINGDI_SIM_REPORT_STYLE_H

extern const char *const REPORT_STYLE;

#endif
