"""The exchange as a whole: its parts joined, its timetable, funding, delivery, liquidation."""
