"""When what is to be heard: rules, airings, conflicts, plans. Pure, but for its publisher and clock."""
